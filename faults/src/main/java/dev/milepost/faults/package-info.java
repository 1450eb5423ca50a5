/**
 * Seeded fault injection runs: real servers on a real store are killed, suspended and disconnected,
 * and a ledger of what they acknowledged is then compared with what they hold.
 */
@NullMarked
package dev.milepost.faults;

import org.jspecify.annotations.NullMarked;
