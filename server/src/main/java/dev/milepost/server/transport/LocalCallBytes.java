package dev.milepost.server.transport;

import io.grpc.Context;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * The bytes in flight of a call that comes from this process. Its messages do not arrive piece by
 * piece: the in-process transport reports each one as read before it reports its size, which then
 * counts once, as the size of the message.
 */
final class LocalCallBytes extends ServerStreamTracer {
  private final CallBytes call;

  LocalCallBytes(CallBytes call) {
    this.call = call;
  }

  @Override
  public Context filterContext(Context parent) {
    return call.filterContext(parent);
  }

  @Override
  public void inboundMessage(int number) {
    call.inboundMessage(number);
  }

  @Override
  public void inboundMessageRead(int number, long wire, long unknown) {
    call.inboundMessageRead(number, wire, unknown);
  }

  @Override
  public void inboundUncompressedSize(long bytes) {
    call.inboundUncompressedSize(bytes);
  }

  @Override
  public void streamClosed(Status status) {
    call.streamClosed(status);
  }
}
