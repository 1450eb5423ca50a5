package dev.milepost.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of the jar, as its manifest has it. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {"milepost " + (version == null ? "of an unpackaged build" : version)};
  }
}
