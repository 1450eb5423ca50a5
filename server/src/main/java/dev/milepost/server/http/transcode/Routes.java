package dev.milepost.server.http.transcode;

import io.grpc.ServiceDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The routes of all RPCs that have a {@code google.api.http} rule. Immutable. */
final class Routes {
  private final List<Route> all;

  private Routes(List<Route> all) {
    this.all = List.copyOf(all);
  }

  /** Reads the rules of services. */
  static Routes of(Collection<ServiceDescriptor> services) {
    return new Routes(
        services.stream()
            .flatMap(service -> service.getMethods().stream())
            .map(Rpc::of)
            .flatMap(rpc -> Route.of(rpc).stream())
            .toList());
  }

  /** Returns every route, in the order of the services. */
  List<Route> all() {
    return all;
  }

  /** What was found for a path. */
  sealed interface Found {
    /**
     * A route.
     *
     * @param values the decoded variables of the path, by field
     */
    record Match(Route route, Map<String, String> values) implements Found {}

    /** The path exists with other methods only. */
    record OtherMethods(List<String> allowed) implements Found {}

    /** There is no such path. */
    record Nothing() implements Found {}
  }

  /**
   * Finds the route of a request.
   *
   * @param verb the HTTP method
   * @param path percent-encoded, beginning with a slash
   */
  Found find(String verb, String path) {
    List<String> segments = new ArrayList<>(Arrays.asList(path.substring(1).split("/", -1)));
    String last = segments.get(segments.size() - 1);
    int colon = last.lastIndexOf(':');
    if (colon > 0) {
      List<String> named = new ArrayList<>(segments);
      named.set(named.size() - 1, last.substring(0, colon));
      Found found = find(verb, named, last.substring(colon + 1));
      if (!(found instanceof Found.Nothing)) {
        return found;
      }
    }
    return find(verb, segments, "");
  }

  private Found find(String verb, List<String> segments, String custom) {
    TreeSet<String> allowed = new TreeSet<>();
    for (Route route : all) {
      Map<String, String> values = route.path().match(segments, custom);
      if (values != null && route.verb().equals(verb)) {
        return new Found.Match(route, values);
      }
      if (values != null) {
        allowed.add(route.verb());
      }
    }
    return allowed.isEmpty() ? new Found.Nothing() : new Found.OtherMethods(List.copyOf(allowed));
  }
}
