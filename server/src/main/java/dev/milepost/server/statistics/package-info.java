/** What has become of jobs: counts by period, of all servers of a store. */
@NullMarked
package dev.milepost.server.statistics;

import org.jspecify.annotations.NullMarked;
