/** How cost grows with log lines and tenants. */
@NullMarked
package dev.milepost.benchmarks.growth;

import org.jspecify.annotations.NullMarked;
