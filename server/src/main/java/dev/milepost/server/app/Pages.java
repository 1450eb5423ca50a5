package dev.milepost.server.app;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.TokenSealer;
import dev.milepost.server.job.FieldChecks;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Paging (AIP-158): page sizes, and tokens that are valid for the same caller and the same request
 * only.
 */
@Singleton
public final class Pages {
  static final int MAX_PAGE_SIZE = 1_000;

  private static final String PAGE_TOKEN = "page_token";

  /**
   * Maximum size of a page: clients accept messages of 4 MiB, and one entry may be a third of that.
   */
  static final int MAX_PAGE_BYTES = 2 * 1024 * 1024;

  private final TokenSealer sealer;

  @Inject
  public Pages(TokenSealer sealer) {
    this.sealer = sealer;
  }

  /** Checks a page size; 0 means the default. */
  public static void validate(FieldChecks violations, int pageSize) {
    violations.check(pageSize >= 0, "page_size", "must not be negative");
  }

  /** Returns the size of a page: at most {@link #MAX_PAGE_SIZE}, whatever was requested. */
  static int size(int requested, int standard) {
    return requested == 0 ? standard : Math.min(requested, MAX_PAGE_SIZE);
  }

  /**
   * Returns how many of the messages fit into one page, in their order: at least one if there are
   * any.
   */
  static int fitting(List<? extends MessageLite> parts) {
    long bytes = 0;
    int count = 0;
    for (MessageLite part : parts) {
      bytes += part.getSerializedSize();
      if (bytes > MAX_PAGE_BYTES && count > 0) {
        return count;
      }
      count++;
    }
    return count;
  }

  /** Returns the position that a page token stands for; empty for the first page. */
  public Optional<String> position(Caller caller, Message request, String token) {
    return positionIn(PAGE_TOKEN, caller, request, token);
  }

  /** Returns the position in a token of any field of the request; empty if there is no token. */
  public Optional<String> positionIn(String field, Caller caller, Message request, String token) {
    return token.isEmpty()
        ? Optional.empty()
        : Optional.of(sealer.open(context(caller, request, field), token, field));
  }

  /** Returns the token of the page at a position; empty if there is no further page. */
  public String token(Caller caller, Message request, Optional<String> next) {
    return tokenIn(PAGE_TOKEN, caller, request, next);
  }

  /** Returns the token of a position, for any field of the request. */
  public String tokenIn(String field, Caller caller, Message request, Optional<String> next) {
    return next.map(position -> sealer.seal(context(caller, request, field), position)).orElse("");
  }

  /** Returns the request without its page: the page size may change from one page to the next. */
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
