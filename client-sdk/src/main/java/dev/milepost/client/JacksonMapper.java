package dev.milepost.client;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** The only class that needs Jackson; loaded if {@link JsonCodec#jackson} is called. */
final class JacksonMapper {
  private JacksonMapper() {}

  static JsonCodec codec() {
    JsonMapper mapper =
        JsonMapper.builder()
            .findAndAddModules()
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    return JsonCodec.of(mapper::convertValue);
  }
}
