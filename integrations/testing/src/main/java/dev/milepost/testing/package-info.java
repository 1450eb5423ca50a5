/**
 * Tests of code that uses Milepost.
 *
 * <ul>
 *   <li>{@link dev.milepost.testing.MilepostTest}: a JUnit test gets a server of its own, and
 *       clients, a clock and faults for it. {@link dev.milepost.testing.TestServer} is the same
 *       without JUnit.
 *   <li>{@link dev.milepost.testing.FakeJobContext}: a handler runs without a server.
 *   <li>{@link dev.milepost.testing.JobHandles}: handles of jobs that exist in the test only. The
 *       client's exceptions have public constructors.
 * </ul>
 */
@NullMarked
package dev.milepost.testing;

import org.jspecify.annotations.NullMarked;
