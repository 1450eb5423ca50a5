package dev.milepost.server.http.api;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.milepost.server.grpc.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Calls a server by HTTP, as one user. */
final class ApiClient {
  private final String url;
  private final HttpClient client;
  private final List<String> headers = new ArrayList<>();

  /** Creates a client without a user. */
  ApiClient(String url, HttpClient client) {
    this.url = url;
    this.client = client;
  }

  /** Returns a client that is ann, by HTTP/1.1. */
  static ApiClient of(TestServer server) {
    HttpClient one = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return new ApiClient(server.server().http(), one).with("x-milepost-user", "ann");
  }

  /** Returns a client with one more header. */
  ApiClient with(String name, String value) {
    ApiClient next = new ApiClient(url, client);
    next.headers.addAll(headers);
    next.headers.addAll(List.of(name, value));
    return next;
  }

  /** Returns a client with another URL. */
  ApiClient at(String other) {
    ApiClient next = new ApiClient(other, client);
    next.headers.addAll(headers);
    return next;
  }

  String url() {
    return url;
  }

  HttpClient http() {
    return client;
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
    if (!headers.isEmpty()) {
      request.headers(headers.toArray(String[]::new));
    }
    return request;
  }

  HttpResponse<String> get(String path) {
    return send(request(path));
  }

  HttpResponse<String> post(String path, String json) {
    return send("POST", path, json);
  }

  HttpResponse<String> send(String method, String path, String json) {
    return send(
        request(path)
            .header("content-type", "application/json")
            .method(method, BodyPublishers.ofString(json)));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Opens a stream, whose lines are read as they arrive. */
  HttpResponse<Stream<String>> open(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofLines());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Returns a value of a JSON object by its path, such as {@code job.status.state}, as text. */
  static String text(String json, String path) {
    Struct.Builder object = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, object);
    } catch (IOException e) {
      throw new AssertionError(json, e);
    }
    Value value = Value.newBuilder().setStructValue(object).build();
    for (String part : path.split("\\.")) {
      value =
          value.hasListValue()
              ? value.getListValue().getValues(Integer.parseInt(part))
              : value.getStructValue().getFieldsOrDefault(part, Value.getDefaultInstance());
    }
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> String.valueOf((long) value.getNumberValue());
      case BOOL_VALUE -> String.valueOf(value.getBoolValue());
      default -> value.hasStructValue() || value.hasListValue() ? value.toString() : "";
    };
  }

  /** Creates a job and returns its id. */
  String createJob(String type) {
    HttpResponse<String> created = post("/v1/jobs", "{\"spec\":{\"type\":\"" + type + "\"}}");
    if (created.statusCode() != 200) {
      throw new AssertionError(created.body());
    }
    return text(created.body(), "job.id");
  }
}
