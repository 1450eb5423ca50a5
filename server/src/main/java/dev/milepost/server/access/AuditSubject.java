package dev.milepost.server.access;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whose refused calls are counted together, with their status code: a caller, or an address without
 * one. As a text it has line breaks between its parts, which names and addresses cannot contain.
 */
record AuditSubject(Map<String, Object> fields) {
  private static final String SEPARATOR = "\n";

  /** Returns the subject as a text that {@link #parse} reads. */
  static String text(Map<String, String> who, String code) {
    StringBuilder text = new StringBuilder();
    who.forEach((name, value) -> text.append(name).append(SEPARATOR).append(value).append('\n'));
    return text.append("code").append(SEPARATOR).append(code).toString();
  }

  static AuditSubject parse(String text) {
    String[] parts = text.split(SEPARATOR, -1);
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i + 1 < parts.length; i += 2) {
      fields.put(parts[i], parts[i + 1]);
    }
    return new AuditSubject(fields);
  }
}
