package dev.milepost.server.http.transcode;

import static dev.milepost.server.http.transcode.Schemas.object;
import static dev.milepost.server.http.transcode.Schemas.type;
import static java.util.stream.Collectors.joining;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Values;
import com.google.rpc.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Describes the routes as OpenAPI 3.1, with the comments of the contract. */
final class OpenApi {
  /** Parameters are fields of messages at most so deep within the request. */
  private static final int MAX_DEPTH = 3;

  private final Comments comments = Comments.read();
  private final Schemas schemas = new Schemas(comments);

  private OpenApi() {}

  /**
   * Returns the description as JSON.
   *
   * @param basePath what all paths begin with; empty: nothing
   * @param version of the server
   */
  static String describe(Routes routes, String basePath, String version) {
    Value description = new OpenApi().all(routes, basePath, version);
    try {
      return JsonFormat.printer().print(description) + "\n";
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("A Struct can always be printed.", e);
    }
  }

  private Value all(Routes routes, String basePath, String version) {
    Map<String, Struct.Builder> paths = new LinkedHashMap<>();
    Set<String> ids = new HashSet<>();
    for (Route route : routes.all()) {
      paths
          .computeIfAbsent(route.path().withPlainVariables(), path -> Struct.newBuilder())
          .putFields(route.verb().toLowerCase(Locale.ROOT), operation(route, ids));
    }
    Struct.Builder all = Struct.newBuilder();
    paths.forEach(
        (path, methods) -> all.putFields(path, Value.newBuilder().setStructValue(methods).build()));
    Value error = object("type", Values.of("object"), "properties", object("error", error()));
    return object(
        "openapi", Values.of("3.1.0"),
        "info", object("title", Values.of("Milepost"), "version", Values.of(version)),
        "servers", list(object("url", Values.of(basePath.isEmpty() ? "/" : basePath))),
        "security", list(object("bearer", list())),
        "paths", Value.newBuilder().setStructValue(all).build(),
        "components",
            object(
                "schemas", schemas.all(),
                "securitySchemes",
                    object(
                        "bearer", object("type", Values.of("http"), "scheme", Values.of("bearer"))),
                "responses",
                    object(
                        "Error",
                        object(
                            "description", Values.of("The call has failed."),
                            "content", object(Json.CONTENT_TYPE, object("schema", error))))));
  }

  private Value error() {
    return object(
        "type",
        Values.of("object"),
        "properties",
        object(
            "code", type("integer"),
            "status", type("string"),
            "message", type("string"),
            "details", schemas.of(Status.getDescriptor().findFieldByName("details"))));
  }

  private Value operation(Route route, Set<String> ids) {
    Rpc rpc = route.rpc();
    String comment = comments.of(rpc.schema());
    List<Value> parameters = parameters(route);
    Value description =
        object(
            "operationId", Values.of(id(route, ids)),
            "tags", list(Values.of(rpc.schema().getService().getName())),
            "summary", Values.of(route.title().isEmpty() ? summary(comment) : route.title() + "."),
            "description", Values.of(comment),
            "parameters", Values.of(parameters),
            "responses",
                object(
                    "200", response(route),
                    "default", object("$ref", Values.of("#/components/responses/Error"))));
    if (!route.hasBody()) {
      return description;
    }
    Value body =
        object(
            "required", Values.of(true),
            "content",
                object(
                    rpc.streamsRequests() ? JsonLines.CONTENT_TYPE : Json.CONTENT_TYPE,
                    object("schema", schemas.of(request(rpc)))));
    return description.toBuilder()
        .setStructValue(description.getStructValue().toBuilder().putFields("requestBody", body))
        .build();
  }

  /** Returns the name of the RPC, or another id for a further route of it. */
  private static String id(Route route, Set<String> ids) {
    String name = route.rpc().schema().getName();
    if (!route.title().isEmpty()) {
      return Stream.of(route.title().split(" ")).map(OpenApi::capitalized).collect(joining());
    }
    return ids.add(name) ? name : name + capitalized(route.verb().toLowerCase(Locale.ROOT));
  }

  private static String capitalized(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  /** Returns the first sentence, in one line. */
  private static String summary(String comment) {
    String first = comment.lines().takeWhile(line -> !line.isEmpty()).collect(joining(" "));
    int end = first.indexOf(". ");
    return end < 0 ? first : first.substring(0, end + 1);
  }

  private static Descriptor request(Rpc rpc) {
    return rpc.schema().getInputType();
  }

  private Value response(Route route) {
    Descriptor type = route.rpc().schema().getOutputType();
    Value schema = object("schema", schemas.of(type));
    Value content =
        route.rpc().streamsResponses()
            ? object(
                JsonLines.CONTENT_TYPE,
                schema,
                ServerSentEvents.CONTENT_TYPE,
                object("schema", type("string")))
            : object(Json.CONTENT_TYPE, schema);
    return object("description", Values.of(type.getName()), "content", content);
  }

  private List<Value> parameters(Route route) {
    List<Value> all = new ArrayList<>();
    Set<String> variables = new HashSet<>();
    for (PathTemplate.Variable variable : route.path().variables()) {
      variables.add(variable.field());
      all.add(
          object(
              "name", Values.of(variable.field()),
              "in", Values.of("path"),
              "required", Values.of(true),
              "schema", type("string")));
    }
    if (!route.body().equals(Route.WHOLE)) {
      addFields("", request(route.rpc()), variables, MAX_DEPTH, all);
    }
    return all;
  }

  /** Adds the fields that a URL can hold, also of messages within the request. */
  private void addFields(
      String prefix, Descriptor message, Set<String> variables, int depth, List<Value> all) {
    for (FieldDescriptor field : message.getFields()) {
      String name = prefix + field.getName();
      if (Parameters.leadsInto(field)) {
        if (depth > 0) {
          addFields(name + ".", field.getMessageType(), variables, depth - 1, all);
        }
      } else if (!variables.contains(name) && Parameters.isParameter(field)) {
        all.add(
            object(
                "name", Values.of(name),
                "in", Values.of("query"),
                "description", Values.of(comments.of(field)),
                "schema", schemas.withoutComment(field)));
      }
    }
  }

  private static Value list(Value... values) {
    return Values.of(List.of(values));
  }
}
