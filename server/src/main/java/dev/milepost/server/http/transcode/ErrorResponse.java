package dev.milepost.server.http.transcode;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.Metadata;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;

/**
 * An error as it is sent.
 *
 * @param httpStatus the HTTP status
 * @param status what the contract says of it, with its details
 */
record ErrorResponse(int httpStatus, Status status) {
  private static final String LATE =
      "The call did not end within the time of the header Request-Timeout.";

  static ErrorResponse of(ApiException refusal) {
    return new ErrorResponse(refusal.httpStatus(), refusal.status());
  }

  /** Returns the error with which a call has ended. */
  static ErrorResponse of(io.grpc.Status status, Metadata trailers) {
    Status full = StatusProto.fromStatusAndTrailers(status, trailers);
    Code code = Code.forNumber(full.getCode());
    Code known = code == null ? Code.UNKNOWN : code;
    if (full.getDetailsCount() == 0) {
      // The client's end of the call has ended it: at its deadline, or as the server stops.
      String message = known == Code.DEADLINE_EXCEEDED ? LATE : full.getMessage();
      full = ApiException.of(0, known, message).status();
    }
    return new ErrorResponse(HttpCodes.of(known), full);
  }

  /** Sets the status and the headers of a response, and returns its body. */
  byte[] prepare(Response response, Json json) {
    response.setStatus(httpStatus);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Json.CONTENT_TYPE);
    if (httpStatus == 401) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer realm=\"milepost\"");
    }
    long seconds = retrySeconds();
    if (seconds > 0) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds);
    }
    return (json.printError(httpStatus, status) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the delay of the details, rounded up; 0 if there is none. */
  private long retrySeconds() {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(RetryInfo.class)) {
        try {
          var delay = detail.unpack(RetryInfo.class).getRetryDelay();
          return delay.getSeconds() + (delay.getNanos() > 0 ? 1 : 0);
        } catch (InvalidProtocolBufferException e) {
          return 0;
        }
      }
    }
    return 0;
  }
}
