/**
 * JMH benchmarks of the server's innermost operations. The only package here that uses classes of
 * the server.
 */
@NullMarked
package dev.milepost.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
