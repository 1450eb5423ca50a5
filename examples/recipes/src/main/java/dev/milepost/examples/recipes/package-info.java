/** How common jobs are written, one class each. */
@NullMarked
package dev.milepost.examples.recipes;

import org.jspecify.annotations.NullMarked;
