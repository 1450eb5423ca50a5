package dev.milepost.server.wire;

import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import dev.milepost.server.job.CallerException;
import dev.milepost.server.job.FieldViolation;
import dev.milepost.v1.ErrorReason;
import java.util.Map;

/** A request could not be read, so no method has seen it. Nothing has been changed. */
public abstract sealed class RequestException extends CallerException {
  private RequestException(ErrorReason reason, String message, Message... details) {
    super(reason, message, Map.of(), details);
  }

  /** The bytes are not a request of the method. */
  public static final class MalformedRequest extends RequestException {
    /** The request is malformed; the message says how. */
    public MalformedRequest(String message) {
      super(ErrorReason.MALFORMED_REQUEST, message);
    }

    /** The request is malformed in one field. */
    MalformedRequest(FieldViolation violation) {
      super(
          ErrorReason.MALFORMED_REQUEST,
          violation.field() + " " + violation.description() + ".",
          BadRequest.newBuilder()
              .addFieldViolations(
                  BadRequest.FieldViolation.newBuilder()
                      .setField(violation.field())
                      .setDescription(violation.description()))
              .build());
    }
  }

  /** A message is larger than the server reads. */
  public static final class MessageTooLarge extends RequestException {
    /** The message is too large; the text names the limit. */
    public MessageTooLarge(String message) {
      super(ErrorReason.MESSAGE_TOO_LARGE, message);
    }
  }

  /** The server has no such method. */
  public static final class UnknownMethod extends RequestException {
    /** There is no method of this name. */
    public UnknownMethod(String method) {
      super(
          ErrorReason.UNKNOWN_METHOD,
          "There is no method " + method + ": the client may be newer than the server.");
    }
  }

  /** The request is compressed in a way that the server does not know. */
  public static final class UnknownEncoding extends RequestException {
    /** The server knows these encodings. */
    public UnknownEncoding(String known) {
      super(
          ErrorReason.UNKNOWN_ENCODING,
          "The grpc-encoding of the request is unknown. This server accepts " + known + ".");
    }
  }
}
