package dev.milepost.server.webhook;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Posts messages over HTTP/1.1 to an already resolved address, each on its own connection. Follows
 * no redirects, uses no proxy, and ignores everything in the response but its status. Thread-safe.
 */
final class HttpPoster implements AutoCloseable {
  /** How much of a response is read before the connection is closed. */
  private static final int MAX_RESPONSE_BYTES = 64 * 1024;

  private final SslContext tls;
  private final Duration timeout;
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("milepost-webhook-io", true), NioIoHandler.newFactory());

  /**
   * Creates a poster.
   *
   * @param trust trusted certificates of receivers; null: those that the JDK trusts
   * @param timeout how long a whole post may take
   */
  HttpPoster(@Nullable TrustManagerFactory trust, Duration timeout) {
    try {
      // Netty checks the certificate's names against the host, and sends the host as SNI.
      this.tls = SslContextBuilder.forClient().trustManager(trust).build();
    } catch (SSLException e) {
      throw new IllegalStateException("the JDK's own TLS cannot be set up", e);
    }
    this.timeout = timeout;
  }

  /**
   * Posts a message.
   *
   * @param address of the URL's host
   * @return the status of the response; fails with an {@link IOException} or a {@link
   *     TimeoutException}
   */
  CompletableFuture<Integer> post(URI url, InetAddress address, WebhookMessage message) {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    boolean isTls = "https".equalsIgnoreCase(url.getScheme());
    int port = url.getPort() < 0 ? (isTls ? 443 : 80) : url.getPort();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeout.toMillis()))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (isTls) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc(), host(url), port));
                    }
                    channel
                        .pipeline()
                        .addLast(new HttpClientCodec(), new Answer(status, request(url, message)));
                  }
                });
    Channel channel =
        bootstrap
            .connect(new InetSocketAddress(address, port))
            .addListener(
                connected -> {
                  if (!connected.isSuccess()) {
                    status.completeExceptionally(connected.cause());
                  }
                })
            .channel();
    var deadline =
        loop.schedule(
            () -> status.completeExceptionally(new TimeoutException()),
            timeout.toMillis(),
            TimeUnit.MILLISECONDS);
    return status.whenComplete(
        (done, failure) -> {
          deadline.cancel(false);
          var unused = channel.close();
        });
  }

  /** Returns the host without the brackets of an IPv6 address. */
  private static String host(URI url) {
    String host = url.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static DefaultFullHttpRequest request(URI url, WebhookMessage message) {
    byte[] body = message.body().getBytes(StandardCharsets.UTF_8);
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    DefaultFullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.POST,
            url.getRawQuery() == null ? path : path + "?" + url.getRawQuery(),
            Unpooled.wrappedBuffer(body));
    HttpHeaders headers = request.headers();
    headers
        .set(HttpHeaderNames.HOST, url.getRawAuthority())
        .set(HttpHeaderNames.USER_AGENT, "milepost")
        .set(HttpHeaderNames.CONTENT_TYPE, WebhookMessage.CONTENT_TYPE)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CONNECTION, "close")
        .set("webhook-id", message.id())
        .set("webhook-timestamp", message.timestamp());
    message.signature().ifPresent(signature -> headers.set("webhook-signature", signature));
    return request;
  }

  @Override
  public void close() {
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Sends the request once connected, and waits for the end of the response. */
  private static final class Answer extends SimpleChannelInboundHandler<HttpObject> {
    private final CompletableFuture<Integer> status;
    private final DefaultFullHttpRequest request;
    private int code;
    private int bytes;

    Answer(CompletableFuture<Integer> status, DefaultFullHttpRequest request) {
      this.status = status;
      this.request = request;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      // With TLS this waits for the end of the handshake.
      var unused = context.writeAndFlush(request);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
      if (part instanceof HttpResponse response) {
        code = response.status().code();
      }
      if (part instanceof HttpContent content) {
        bytes += content.content().readableBytes();
      }
      boolean isInterim = code < 200;
      if (!isInterim && (part instanceof LastHttpContent || bytes > MAX_RESPONSE_BYTES)) {
        status.complete(code);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      status.completeExceptionally(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      status.completeExceptionally(new IOException("the connection closed before the response"));
    }
  }
}
