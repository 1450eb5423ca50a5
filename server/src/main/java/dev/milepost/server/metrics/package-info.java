/**
 * Meters of the server, in the only package that uses Micrometer. The packages that do the work
 * notify their own observers, and this package implements them.
 *
 * <p>No meter has a tag whose values callers choose, such as a job, user or tenant: the number of
 * meters would have no bound, and the page needs no credential.
 */
@NullMarked
package dev.milepost.server.metrics;

import org.jspecify.annotations.NullMarked;
