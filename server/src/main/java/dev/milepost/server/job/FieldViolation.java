package dev.milepost.server.job;

/**
 * An invalid field of a request.
 *
 * @param field path of the field in the request, such as {@code spec.priority}
 * @param description what the field must be, with the limit; never contains the value
 */
public record FieldViolation(String field, String description) {}
