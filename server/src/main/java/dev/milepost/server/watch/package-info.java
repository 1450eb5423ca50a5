/**
 * Live watches of one job ({@link JobWatchHub}) and of all jobs that match a filter ({@link
 * ListWatchHub}), and claims that wait for a job ({@link ClaimWaiters}).
 *
 * <p>A watch is a cursor, not a queue: it remembers a position and continues from there whenever
 * its sink is ready.
 */
@NullMarked
package dev.milepost.server.watch;

import org.jspecify.annotations.NullMarked;
