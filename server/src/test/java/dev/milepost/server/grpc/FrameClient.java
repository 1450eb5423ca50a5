package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client that sends any bytes: what no gRPC library would send. */
public final class FrameClient implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel connection;

  /** Connects to a port of this machine. */
  public FrameClient(int port) throws Exception {
    connection =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(Http2FrameCodecBuilder.forClient().build())
                        .addLast(new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                })
            .connect("localhost", port)
            .sync()
            .channel();
  }

  /** Returns one message as gRPC frames it. */
  public static byte[] framed(int flags, byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) flags)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /** Returns one uncompressed message as gRPC frames it. */
  public static byte[] framed(byte[] message) {
    return framed(0, message);
  }

  /** Makes a call with this body, and returns its failure. */
  public Failure fail(String method, Map<String, String> headers, byte[] body) throws Exception {
    return fail(method, headers, body, true);
  }

  /**
   * Makes a call.
   *
   * @param end whether the body ends the client's side of the call
   */
  public Failure fail(String method, Map<String, String> headers, byte[] body, boolean end)
      throws Exception {
    CompletableFuture<Http2Headers> trailers = new CompletableFuture<>();
    Http2StreamChannel stream =
        new Http2StreamChannelBootstrap(connection).handler(new Trailers(trailers)).open().get();
    Http2Headers request =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .authority("localhost")
            .path("/" + method)
            .set("content-type", "application/grpc")
            .set("te", "trailers");
    headers.forEach(request::set);
    var unused = stream.write(new DefaultHttp2HeadersFrame(request));
    for (int at = 0; at < body.length; at += 16_384) {
      byte[] part = Arrays.copyOfRange(body, at, Math.min(body.length, at + 16_384));
      var unusedPart = stream.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(part), false));
    }
    if (end) {
      var unusedEnd = stream.write(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
    }
    stream.flush();
    return failure(trailers.get(20, TimeUnit.SECONDS));
  }

  private static Failure failure(Http2Headers trailers) throws Exception {
    assertThat(trailers.get("grpc-status")).as("%s", trailers).isNotNull();
    Code code =
        io.grpc.Status.fromCodeValue(Integer.parseInt(trailers.get("grpc-status").toString()))
            .getCode();
    CharSequence details = trailers.get("grpc-status-details-bin");
    Status status =
        details == null
            ? Status.getDefaultInstance()
            : Status.parseFrom(Base64.getDecoder().decode(details.toString()));
    return new Failure(code, status);
  }

  /** Checks that a failure has details that agree with its code. */
  public static Failure complete(Failure failure) {
    assertThat(failure.details().getCode()).isEqualTo(failure.code().value());
    assertThat(failure.info().getDomain()).isEqualTo("milepost.dev");
    assertThat(failure.detail(ErrorInfo.class)).isPresent();
    assertThat(failure.message()).endsWith(".");
    return failure;
  }

  @Override
  public void close() {
    connection.close().awaitUninterruptibly();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Waits for the headers that end the server's side of a call. */
  private static final class Trailers extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Http2Headers> trailers;

    Trailers(CompletableFuture<Http2Headers> trailers) {
      this.trailers = trailers;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof Http2HeadersFrame frame && frame.isEndStream()) {
        trailers.complete(frame.headers());
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        trailers.completeExceptionally(new AssertionError("reset with " + reset.errorCode()));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      trailers.completeExceptionally(new AssertionError("the stream ended without trailers"));
    }
  }
}
