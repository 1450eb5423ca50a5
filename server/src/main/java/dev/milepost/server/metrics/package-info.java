/**
 * Meters for what the server does: the only room that knows Micrometer. The rooms that do the work
 * tell observers of their own, and this one implements them.
 *
 * <p>No meter is tagged with a job, a user, a tenant or anything else that callers choose: there
 * would be as many of each as there are of those, and the page has no login.
 */
@NullMarked
package dev.milepost.server.metrics;

import org.jspecify.annotations.NullMarked;
