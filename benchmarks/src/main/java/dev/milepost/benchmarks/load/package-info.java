/** Load generators and the messages they send. */
@NullMarked
package dev.milepost.benchmarks.load;

import org.jspecify.annotations.NullMarked;
