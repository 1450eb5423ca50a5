/**
 * JMH benchmarks of the server's innermost steps: the one package here that uses the server's own
 * classes.
 */
@NullMarked
package dev.milepost.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
