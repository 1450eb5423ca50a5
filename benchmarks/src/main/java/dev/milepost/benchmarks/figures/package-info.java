/** Figures: what a benchmark measured, their goals, and how they are printed. */
@NullMarked
package dev.milepost.benchmarks.figures;

import org.jspecify.annotations.NullMarked;
