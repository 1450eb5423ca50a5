package dev.milepost.server.app;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.milepost.server.access.Caller;
import dev.milepost.server.job.FieldChecks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Paging as AIP-158 has it: sizes, and tokens that hold for the same caller and the same request
 * only.
 */
public final class Pages {
  static final int MOST = 1_000;

  private static final String PAGE_TOKEN = "page_token";

  /**
   * A page that has grown so big is short: clients take messages of 4 MiB, and what is in a page
   * may be a third of that.
   */
  private static final int MOST_BYTES = 2 * 1024 * 1024;

  private final TokenSealer sealer;

  public Pages(TokenSealer sealer) {
    this.sealer = sealer;
  }

  /** Checks a page size; 0 is fine. */
  public static void validate(FieldChecks violations, int pageSize) {
    violations.range("page_size", pageSize, 0, MOST);
  }

  /** How many of these fit into one page, in their order: at least one, where there are any. */
  static int fitting(List<? extends MessageLite> parts) {
    long bytes = 0;
    int count = 0;
    for (MessageLite part : parts) {
      bytes += part.getSerializedSize();
      if (bytes > MOST_BYTES && count > 0) {
        return count;
      }
      count++;
    }
    return count;
  }

  /** Where a page begins, by its token; empty for the first. */
  public Optional<String> position(Caller caller, Message request, String token) {
    return positionIn(PAGE_TOKEN, caller, request, token);
  }

  /** Where to go on, by the token in some field of the request; empty where there is none. */
  public Optional<String> positionIn(String field, Caller caller, Message request, String token) {
    return token.isEmpty()
        ? Optional.empty()
        : Optional.of(sealer.open(context(caller, request, field), token, field));
  }

  /** Token of the page that begins at a position; empty where there is none. */
  public String token(Caller caller, Message request, Optional<String> next) {
    return tokenIn(PAGE_TOKEN, caller, request, next);
  }

  /** Token by which a request goes on at a position, for some field of it. */
  public String tokenIn(String field, Caller caller, Message request, Optional<String> next) {
    return next.map(position -> sealer.seal(context(caller, request, field), position)).orElse("");
  }

  /** All of the request but its page: the size of a page may change from one to the next. */
  private static byte[] context(Caller caller, Message request, String tokenField) {
    Message.Builder same = request.toBuilder();
    same.clearField(same.getDescriptorForType().findFieldByName(tokenField));
    FieldDescriptor size = same.getDescriptorForType().findFieldByName("page_size");
    if (size != null) {
      same.clearField(size);
    }
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
