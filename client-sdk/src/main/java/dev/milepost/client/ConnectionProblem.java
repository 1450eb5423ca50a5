package dev.milepost.client;

import io.grpc.Status;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Why a call got no answer of a Milepost server, in words that complete a sentence about it.
 *
 * @param cause what is wrong, and what helps
 * @param isPermanent whether trying again is useless until the client or the server is set up
 *     differently
 */
record ConnectionProblem(String cause, boolean isPermanent) {
  /** What a server does that speaks TLS, and one that just restarts. */
  static final ConnectionProblem CLOSED = temporary("it closed the connection");

  static final ConnectionProblem NO_ANSWER = temporary("no answer");

  static final ConnectionProblem SPEAKS_TLS =
      permanent("it speaks TLS, but the client does not; use tls() or trust(file)");

  private static final int MAX_CAUSES = 20;
  private static final Pattern HTTP_STATUS = Pattern.compile("HTTP status code (\\d{3})\\b.*");
  private static final Pattern ALERT = Pattern.compile(".*[Rr]eceived fatal alert: (\\w+).*");

  /** How HTTP/1 answers and TLS alerts begin, as gRPC prints them. */
  private static final String HTTP1_BYTES = "485454502f";

  private static final String TLS_ALERT_BYTES = "1503";

  private static ConnectionProblem temporary(String cause) {
    return new ConnectionProblem(cause, false);
  }

  private static ConnectionProblem permanent(String cause) {
    return new ConnectionProblem(cause, true);
  }

  /**
   * Returns the problem of a client that servers have answered before: its own settings are right,
   * and what is wrong with a server or a proxy, such as a certificate that is being replaced, may
   * be an outage. A server that does not know a call is an older one, and has answered: null.
   */
  static @Nullable ConnectionProblem afterAnswers(ServerError error) {
    ConnectionProblem problem = of(error);
    return problem == null || isUnknownCall(error) ? null : temporary(problem.cause);
  }

  // gRPC's status for what a proxy answers with 404 is the same.
  private static boolean isUnknownCall(ServerError error) {
    return error.code() == Status.Code.UNIMPLEMENTED
        && !HTTP_STATUS.matcher(firstLine(error.message())).matches();
  }

  /** Returns the problem; null if a Milepost server has answered, or nothing more can be said. */
  static @Nullable ConnectionProblem of(ServerError error) {
    if (!error.reason().isEmpty()) {
      return null;
    }
    ConnectionProblem known = null;
    Throwable cause = error.cause();
    for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
      // The innermost says most.
      ConnectionProblem found = ofCause(cause);
      known = found == null ? known : found;
      cause = cause.getCause();
    }
    return known == null ? ofStatus(error) : known;
  }

  private static @Nullable ConnectionProblem ofCause(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    // Netty's own exceptions are known by name: the library does not use Netty itself.
    String name = cause.getClass().getSimpleName();
    if (cause instanceof UnknownHostException) {
      return temporary("unknown host");
    } else if (name.equals("ConnectTimeoutException")) {
      return NO_ANSWER;
    } else if (cause instanceof ConnectException) {
      return temporary(message.contains("refused") ? "connection refused" : firstLine(message));
    } else if (cause instanceof NoRouteToHostException) {
      return temporary("no route to host");
    } else if (name.equals("NotSslRecordException")) {
      return permanent(
          "it does not speak TLS, but the client does; use plaintext(), or its TLS port");
    } else if (name.equals("Http2Exception")) {
      return ofHttp2(message);
    }
    return ofTls(cause, message);
  }

  private static @Nullable ConnectionProblem ofHttp2(String message) {
    if (!message.contains("First received frame was not SETTINGS")) {
      return null;
    } else if (message.contains(" " + HTTP1_BYTES)) {
      return permanent("it speaks HTTP/1, not gRPC; is it the right port?");
    }
    return message.contains(" " + TLS_ALERT_BYTES)
        ? SPEAKS_TLS
        : permanent("it does not speak gRPC; is it the right port?");
  }

  private static @Nullable ConnectionProblem ofTls(Throwable cause, String message) {
    Matcher alert = ALERT.matcher(message);
    if (cause instanceof CertificateExpiredException) {
      return permanent("its certificate has expired");
    } else if (cause instanceof CertificateNotYetValidException) {
      return permanent("its certificate is not valid yet; is this machine's clock right?");
    } else if (message.contains("No subject alternative") || message.contains("No name matching")) {
      return permanent("its certificate is not valid for this name (" + firstLine(message) + ")");
    } else if (cause instanceof CertPathBuilderException
        || cause instanceof CertPathValidatorException) {
      return permanent("its certificate is not trusted; use trust(file) with that of its issuer");
    } else if (alert.matches()) {
      return ofAlert(alert.group(1));
    } else if (cause instanceof CertificateException || cause instanceof SSLHandshakeException) {
      return permanent("the TLS handshake failed: " + firstLine(message));
    }
    return null;
  }

  private static ConnectionProblem ofAlert(String alert) {
    return switch (alert) {
      case "certificate_required", "bad_certificate", "unknown_ca", "certificate_unknown" ->
          permanent(
              "it requires a client certificate that it trusts; use clientCertificate() (TLS alert "
                  + alert
                  + ")");
      case "internal_error", "close_notify", "user_canceled" ->
          temporary("it ended the TLS handshake (TLS alert " + alert + ")");
      default -> permanent("it refused the TLS handshake (TLS alert " + alert + ")");
    };
  }

  private static @Nullable ConnectionProblem ofStatus(ServerError error) {
    Matcher http = HTTP_STATUS.matcher(firstLine(error.message()));
    if (http.matches()) {
      String status = "it answered with HTTP status " + http.group(1) + " instead of gRPC";
      return error.code() == Status.Code.UNAVAILABLE
          ? temporary(status)
          : permanent(status + "; is it the right port?");
    }
    return switch (error.code()) {
      case UNAVAILABLE ->
          error.cause() == null ? temporary(firstLine(error.message())) : closed(error);
      case DEADLINE_EXCEEDED -> NO_ANSWER;
      // A server that is shut down hard cuts the calls that wait. Other cancels are the caller's.
      case CANCELLED -> error.message().startsWith("RST_STREAM") ? CLOSED : null;
      case UNIMPLEMENTED ->
          permanent(
              "it is no Milepost server, or an older one (" + firstLine(error.message()) + ")");
      default -> null;
    };
  }

  private static ConnectionProblem closed(ServerError error) {
    Throwable cause = error.cause();
    boolean isIo = cause != null && cause.getCause() instanceof IOException;
    return isIo || error.message().contains("closed")
        ? CLOSED
        : temporary(firstLine(error.message()));
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
