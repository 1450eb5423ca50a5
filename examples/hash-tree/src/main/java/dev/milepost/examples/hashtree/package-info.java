/** An example: hashes a folder tree as a job that anybody can watch. */
@NullMarked
package dev.milepost.examples.hashtree;

import org.jspecify.annotations.NullMarked;
