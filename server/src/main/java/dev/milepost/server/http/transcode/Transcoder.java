package dev.milepost.server.http.transcode;

import com.google.protobuf.Message;
import com.google.rpc.Code;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.ServiceDescriptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.UrlEncoded;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The RPCs of the contract over HTTP: finds the RPC of a request by its {@code google.api.http}
 * rule, calls it with the facts of the connection, and writes what it responds. Thread-safe; never
 * blocks.
 */
public final class Transcoder {
  private static final String CHANNEL = Transcoder.class.getName();

  private final Routes routes;
  private final Json json;
  private final RequestBinder binder;
  private final Function<Peer, Channel> services;
  private final int maxBodyBytes;
  private final BodyReader.Budget budget;
  private final KeepAlive keepAlive;
  private final String basePath;

  /**
   * Creates a transcoder.
   *
   * @param contract the services, of which those with a rule are served
   * @param services returns the channel for the calls of a connection
   * @param maxBodyBytes size of a request's body
   * @param maxBodies size of all bodies that are arriving
   * @param keepAlive a stream that is silent for so long shows that it is alive
   * @param basePath what all paths begin with; empty: nothing
   */
  public Transcoder(
      Collection<ServiceDescriptor> contract,
      Function<Peer, Channel> services,
      int maxBodyBytes,
      long maxBodies,
      Duration keepAlive,
      String basePath) {
    this.routes = Routes.of(contract);
    this.json = new Json(routes.all());
    this.binder = new RequestBinder(json);
    this.services = services;
    this.maxBodyBytes = maxBodyBytes;
    this.budget = new BodyReader.Budget(new AtomicLong(), maxBodies);
    this.keepAlive = new KeepAlive(keepAlive);
    this.basePath = basePath;
  }

  /** Starts the timer of silent streams. */
  public void start(Scheduler scheduler) {
    keepAlive.start(scheduler);
  }

  /** Returns the routes. */
  Routes routes() {
    return routes;
  }

  /**
   * Describes the routes as OpenAPI 3.1, in JSON. Takes a while.
   *
   * @param version of the server
   */
  public String describe(String version) {
    return OpenApi.describe(routes, basePath, version);
  }

  /**
   * Handles a request.
   *
   * @param path of the request, percent-encoded, without the base path
   */
  public void handle(Request request, Response response, Callback callback, String path) {
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    try {
      Routes.Found found = routes.find(request.getMethod(), path);
      if (found instanceof Routes.Found.Match match) {
        call(match, request, response, callback);
      } else if (found instanceof Routes.Found.OtherMethods other) {
        response.getHeaders().put(HttpHeader.ALLOW, String.join(", ", other.allowed()));
        throw ApiException.of(
            405,
            Code.UNIMPLEMENTED,
            "%s is not a method of %s. Use %s."
                .formatted(request.getMethod(), path, String.join(" or ", other.allowed())));
      } else {
        throw ApiException.of(
            404,
            Code.NOT_FOUND,
            "There is no path %s. /openapi.json lists all; the first ones are under /v1/jobs."
                .formatted(path));
      }
    } catch (ApiException e) {
      if (!request.consumeAvailable()) {
        Exchange.closeAfterwards(request, response);
      }
      byte[] body = ErrorResponse.of(e).prepare(response, json);
      response.write(true, ByteBuffer.wrap(body), callback);
    }
  }

  private void call(
      Routes.Found.Match match, Request request, Response response, Callback callback) {
    Rpc rpc = match.route().rpc();
    HttpFields fields = request.getHeaders();
    Metadata headers = CallHeaders.of(fields);
    CallOptions options = CallHeaders.options(fields);
    StreamPosition position = new StreamPosition();
    Function<String, Message> bind =
        body -> {
          Message bound = binder.bind(match.route(), match.values(), query(request), body);
          String last = fields.get(StreamPosition.HEADER);
          return last == null || last.isEmpty() || !rpc.streamsResponses()
              ? bound
              : position.resume(bound, last);
        };
    if (!match.route().hasBody()) {
      requireNoBody(match.route(), request);
      Message bound = bind.apply("");
      Exchange exchange = exchange(match.route(), request, response, callback, options, position);
      exchange.start(headers);
      exchange.send(List.of(bound));
      return;
    }
    requireType(request, rpc.streamsRequests() ? JsonLines.CONTENT_TYPE : Json.CONTENT_TYPE);
    Exchange exchange = exchange(match.route(), request, response, callback, options, position);
    exchange.expectBody();
    exchange.start(headers);
    new BodyReader(
            request,
            maxBodyBytes,
            budget,
            body -> {
              try {
                exchange.send(
                    rpc.streamsRequests() ? lines(body, bind) : List.of(bind.apply(body)));
              } catch (RuntimeException e) {
                exchange.refuse(e);
              }
            },
            exchange::refuse)
        .run();
  }

  private Exchange exchange(
      Route route,
      Request request,
      Response response,
      Callback callback,
      CallOptions options,
      StreamPosition position) {
    ClientCall<Message, Message> call =
        channel(request.getConnectionMetaData()).newCall(route.rpc().method(), options);
    if (!route.rpc().streamsResponses()) {
      return new UnaryExchange(request, response, callback, call, json, route.responseBody());
    }
    EventFormat format =
        wantsEvents(request.getHeaders())
            ? new ServerSentEvents(json, position)
            : new JsonLines(json);
    AtomicReference<StreamExchange> self = new AtomicReference<>();
    StreamExchange stream =
        new StreamExchange(
            request,
            response,
            callback,
            call,
            json,
            format,
            () -> {
              StreamExchange over = self.get();
              if (over != null) {
                keepAlive.remove(over);
              }
            });
    self.set(stream);
    keepAlive.add(stream);
    return stream;
  }

  /** One channel a connection, whose calls share its limits. */
  private Channel channel(ConnectionMetaData connection) {
    synchronized (connection) {
      if (connection.getAttribute(CHANNEL) instanceof Channel known) {
        return known;
      }
      Channel created = services.apply(Peer.of(connection));
      connection.setAttribute(CHANNEL, created);
      return created;
    }
  }

  private static boolean wantsEvents(HttpFields fields) {
    return fields.getCSV(HttpHeader.ACCEPT, false).stream()
        .anyMatch(type -> type.startsWith(ServerSentEvents.CONTENT_TYPE));
  }

  private static Map<String, List<String>> query(Request request) {
    String query = request.getHttpURI().getQuery();
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    if (query != null && !query.isEmpty()) {
      Fields fields = new Fields(true);
      try {
        UrlEncoded.decodeUtf8To(query, fields);
      } catch (IllegalArgumentException e) {
        throw ApiException.of(
            400, Code.INVALID_ARGUMENT, "The parameters of the URL are malformed.");
      }
      fields.forEach(field -> parameters.put(field.getName(), field.getValues()));
    }
    return parameters;
  }

  private static void requireNoBody(Route route, Request request) {
    if (request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
      throw ApiException.of(
          400,
          Code.INVALID_ARGUMENT,
          "%s %s takes no body.".formatted(route.verb(), route.path().text()));
    }
  }

  /** Binds each line of a body on its own. */
  private static List<Message> lines(String body, Function<String, Message> bind) {
    List<Message> messages = new ArrayList<>();
    int number = 0;
    for (String line : body.split("\n")) {
      number++;
      if (!line.isBlank()) {
        try {
          messages.add(bind.apply(line));
        } catch (ApiException e) {
          throw ApiException.invalid("line " + number, "Line " + number + ": " + e.getMessage());
        }
      }
    }
    return messages;
  }

  private void requireType(Request request, String required) {
    HttpField type = request.getHeaders().getField(HttpHeader.CONTENT_TYPE);
    boolean isRequired =
        type == null
            ? request.getLength() == 0
            : HttpField.getValueParameters(type.getValue(), null).equalsIgnoreCase(required);
    if (!isRequired) {
      throw ApiException.of(
          415,
          Code.INVALID_ARGUMENT,
          "The body must be JSON: send it with Content-Type: " + required + ".");
    }
    String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw ApiException.of(415, Code.INVALID_ARGUMENT, "The body must not be compressed.");
    }
    if (request.getLength() > maxBodyBytes) {
      throw BodyReader.tooLarge(maxBodyBytes);
    }
  }
}
