/** Load drivers: each starts a server in a process of its own, and prints what it measured. */
@NullMarked
package dev.milepost.benchmarks;

import org.jspecify.annotations.NullMarked;
