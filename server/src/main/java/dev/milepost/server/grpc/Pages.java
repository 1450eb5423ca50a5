package dev.milepost.server.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.Violations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Paging as AIP-158 has it: sizes, and tokens that hold for the same caller and the same request
 * only.
 */
final class Pages {
  static final int MOST = 1_000;

  private final TokenSealer sealer;

  Pages(TokenSealer sealer) {
    this.sealer = sealer;
  }

  /** Checks a page size; 0 is fine. */
  static void validate(Violations violations, int pageSize) {
    violations.range("page_size", pageSize, 0, MOST);
  }

  /** Where a page begins, by its token; empty for the first. */
  Optional<String> position(Caller caller, Message request, String token) {
    return token.isEmpty()
        ? Optional.empty()
        : Optional.of(sealer.open(context(caller, request), token, "page_token"));
  }

  /** Token of the page that begins at a position; empty where there is none. */
  String token(Caller caller, Message request, Optional<String> next) {
    return next.map(position -> sealer.seal(context(caller, request), position)).orElse("");
  }

  /** All of the request but its page: the size of a page may change from one to the next. */
  private static byte[] context(Caller caller, Message request) {
    Message.Builder same = request.toBuilder();
    same.clearField(same.getDescriptorForType().findFieldByName("page_token"));
    same.clearField(same.getDescriptorForType().findFieldByName("page_size"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        (caller.tenantId() + '\n' + caller.userId() + '\n').getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(request.getDescriptorForType().getName().getBytes(StandardCharsets.UTF_8));
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.useDeterministicSerialization();
      same.build().writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
