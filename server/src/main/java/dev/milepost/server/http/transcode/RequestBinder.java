package dev.milepost.server.http.transcode;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import java.util.List;
import java.util.Map;

/** Makes the request of a call from the path, the parameters and the body of an HTTP request. */
final class RequestBinder {
  private final Json json;
  private final Parameters parameters;

  RequestBinder(Json json) {
    this.json = json;
    this.parameters = new Parameters(json);
  }

  /**
   * Makes the request.
   *
   * @param variables of the path, decoded, by field
   * @param query the parameters with all values of each
   * @param body empty: there is none
   * @throws ApiException if a part is invalid
   */
  Message bind(
      Route route, Map<String, String> variables, Map<String, List<String>> query, String body) {
    Message.Builder request = route.request().toBuilder();
    if (!body.isBlank()) {
      readBody(route, body, request);
    }
    if (!query.isEmpty() && route.body().equals(Route.WHOLE)) {
      throw ApiException.invalid(
          query.keySet().iterator().next(),
          "%s %s takes its fields in the body, not as parameters."
              .formatted(route.verb(), route.path().text()));
    }
    query.forEach(
        (name, values) -> {
          if (variables.containsKey(name) || name.equals(route.body())) {
            throw ApiException.invalid(
                name, "The field " + name + " is not a parameter: it stands elsewhere.");
          }
          parameters.set(request, name, values);
        });
    variables.forEach((name, value) -> setVariable(request, name, value));
    return request.build();
  }

  private void readBody(Route route, String body, Message.Builder request) {
    if (!route.hasBody()) {
      throw ApiException.of(
          400,
          Code.INVALID_ARGUMENT,
          "%s %s takes no body.".formatted(route.verb(), route.path().text()));
    }
    StrictJson.require(body);
    try {
      if (route.body().equals(Route.WHOLE)) {
        json.read(body, request);
      } else {
        FieldDescriptor field = request.getDescriptorForType().findFieldByName(route.body());
        json.read("{\"" + field.getName() + "\":" + body + "}", request);
      }
    } catch (InvalidProtocolBufferException e) {
      throw ApiException.invalid("body", "The body is invalid: " + e.getMessage());
    }
  }

  /** The body may repeat a field of the path, but not with another value. */
  private void setVariable(Message.Builder request, String name, String value) {
    FieldDescriptor field = Parameters.find(request.getDescriptorForType(), name);
    if (field != null && request.getField(field) instanceof String inBody) {
      if (!inBody.isEmpty() && !inBody.equals(value)) {
        throw ApiException.invalid(
            name, "The field " + name + " differs between the path and the body.");
      }
    }
    parameters.set(request, name, List.of(value));
  }
}
