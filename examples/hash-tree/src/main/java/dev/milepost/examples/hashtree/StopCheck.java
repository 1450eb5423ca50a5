package dev.milepost.examples.hashtree;

/** Throws where the work is to stop. Called for every directory entry and every buffer. */
@FunctionalInterface
interface StopCheck {
  void check();
}
