package dev.milepost.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.beans.BeanInfo;
import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Editors know each property, its type and what it does. */
class MetadataTest {
  private static final Pattern PROPERTY =
      Pattern.compile(
          "\"name\": \"(milepost\\.[a-z.-]+)\",\\s*\"type\": \"([^\"]+)\",\\s*\"description\":"
              + " \"(.+)\"");

  @Test
  void eachPropertyIsDescribedWithItsType() throws Exception {
    assertThat(described()).isEqualTo(existing());
  }

  private static Map<String, String> described() throws IOException {
    Map<String, String> types = new TreeMap<>();
    Matcher property = PROPERTY.matcher(metadata());
    while (property.find()) {
      types.put(property.group(1), property.group(2));
      assertThat(property.group(3)).as(property.group(1)).endsWith(".").hasSizeGreaterThan(20);
    }
    return types;
  }

  private static String metadata() throws IOException {
    try (InputStream file =
        MilepostProperties.class.getResourceAsStream(
            "/META-INF/spring-configuration-metadata.json")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Map<String, String> existing() throws IntrospectionException {
    Map<String, String> types = new TreeMap<>();
    collect("milepost.", MilepostProperties.class, types);
    return types;
  }

  private static void collect(String prefix, Class<?> type, Map<String, String> types)
      throws IntrospectionException {
    BeanInfo bean = Introspector.getBeanInfo(type, Object.class);
    for (PropertyDescriptor property : bean.getPropertyDescriptors()) {
      String name =
          prefix + property.getName().replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
      Class<?> of = property.getPropertyType();
      if (of == MilepostProperties.WorkerProperties.class) {
        collect(name + ".", of, types);
      } else {
        types.put(name, name(property));
      }
    }
  }

  private static String name(PropertyDescriptor property) {
    Class<?> type = property.getPropertyType();
    if (type == boolean.class) {
      return Boolean.class.getName();
    } else if (type == int.class) {
      return Integer.class.getName();
    }
    return property
        .getReadMethod()
        .getGenericReturnType()
        .getTypeName()
        .replace(", ", ",")
        .replace("class ", "");
  }
}
