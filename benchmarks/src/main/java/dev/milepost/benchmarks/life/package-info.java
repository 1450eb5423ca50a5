/** Whole job lives, from creation to completion. */
@NullMarked
package dev.milepost.benchmarks.life;

import org.jspecify.annotations.NullMarked;
