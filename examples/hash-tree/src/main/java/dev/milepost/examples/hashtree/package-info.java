/** An example: hashes a directory tree as a job that others can watch. */
@NullMarked
package dev.milepost.examples.hashtree;

import org.jspecify.annotations.NullMarked;
