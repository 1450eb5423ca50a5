package dev.milepost.server.job;

/**
 * What is wrong with one field of a request.
 *
 * @param field path of the field as the caller wrote it, such as {@code spec.priority}
 * @param description what the field must be, with the limit; for people, never with the value
 */
public record FieldViolation(String field, String description) {}
