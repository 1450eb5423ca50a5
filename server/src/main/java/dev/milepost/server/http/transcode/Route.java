package dev.milepost.server.http.transcode;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * A way to call an RPC: one binding of its {@code google.api.http} rule, or a {@link ShortForms
 * short form}.
 *
 * @param verb the HTTP method
 * @param path the paths that it is for
 * @param body the field of the request that the body holds; {@code *}: the request itself; empty:
 *     there is no body
 * @param responseBody the field of the response that is the body; empty: the response itself
 * @param rpc the RPC that it calls
 * @param request the request before anything of the HTTP request is in it
 * @param title what a short form does; empty: what the RPC does
 */
record Route(
    String verb,
    PathTemplate path,
    String body,
    String responseBody,
    Rpc rpc,
    Message request,
    String title) {
  /** The body is the request, without the fields of the path. */
  static final String WHOLE = "*";

  /** Returns the routes of an RPC: its rule, the additional bindings, and the short forms. */
  static List<Route> of(Rpc rpc) {
    List<Route> routes = new ArrayList<>();
    HttpRule rule = rpc.schema().getOptions().getExtension(AnnotationsProto.http);
    add(rule, rpc, routes);
    rule.getAdditionalBindingsList().forEach(more -> add(more, rpc, routes));
    ShortForms.of(rpc).forEach(routes::add);
    return routes;
  }

  private static void add(HttpRule rule, Rpc rpc, List<Route> routes) {
    String path =
        switch (rule.getPatternCase()) {
          case GET -> rule.getGet();
          case PUT -> rule.getPut();
          case POST -> rule.getPost();
          case DELETE -> rule.getDelete();
          case PATCH -> rule.getPatch();
          case CUSTOM, PATTERN_NOT_SET -> "";
        };
    if (!path.isEmpty()) {
      routes.add(
          new Route(
              rule.getPatternCase().name(),
              PathTemplate.parse(path),
              rule.getBody(),
              rule.getResponseBody(),
              rpc,
              rpc.emptyRequest(),
              ""));
    }
  }

  /** Returns whether a request has a body. */
  boolean hasBody() {
    return !body.isEmpty();
  }
}
