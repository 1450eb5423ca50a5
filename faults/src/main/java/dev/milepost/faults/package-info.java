/**
 * A bounded, seeded run against real servers on a real store, which are killed, paused and cut off
 * meanwhile; afterwards a ledger of what was acknowledged is held against what is there.
 */
@NullMarked
package dev.milepost.faults;

import org.jspecify.annotations.NullMarked;
