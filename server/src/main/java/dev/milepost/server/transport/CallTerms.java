package dev.milepost.server.transport;

import dev.milepost.server.app.LimitException;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a call when it begins.
 *
 * @param connection null on a transport without connections
 * @param address what its connection counts as by address; null if it has none
 * @param isAnonymous whether it needs no credential
 * @param mayBeSilent whether its client may send nothing for any time, as in a report stream
 * @param end fails the call
 */
public record CallTerms(
    @Nullable Connection connection,
    @Nullable Object address,
    boolean isAnonymous,
    boolean mayBeSilent,
    End end) {
  /** Fails a call, unless it has its status. */
  public interface End {
    /** Fails it at once. Called on the event loop of the call. */
    void now(LimitException reason);

    /** Fails it soon. Called on any thread. */
    void soon(LimitException reason);
  }

  /** Returns the terms of a call. */
  public static CallTerms of(ServerCall<?, ?> call, boolean anonymous, End end) {
    return new CallTerms(
        Connection.of(call),
        AddressCounts.keyOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)),
        anonymous,
        !anonymous && !call.getMethodDescriptor().getType().clientSendsOneMessage(),
        end);
  }
}
