package dev.milepost.server.access;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of the audit log.
 *
 * @param name what happened, such as {@code call} or {@code token_added}
 * @param fields numbers, truth values, lists and texts by name, in their order
 */
public record AuditEvent(String name, Map<String, Object> fields) {
  /** Copies the fields, and keeps their order. */
  public AuditEvent {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }
}
