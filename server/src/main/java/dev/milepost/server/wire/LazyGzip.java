package dev.milepost.server.wire;

import io.grpc.Decompressor;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses when the request is read, not before: a damaged request then fails in {@link
 * RequestMarshaller}, which can say so.
 */
final class LazyGzip implements Decompressor {
  LazyGzip() {}

  @Override
  public String getMessageEncoding() {
    return "gzip";
  }

  @Override
  public InputStream decompress(InputStream compressed) {
    return new InputStream() {
      private @Nullable InputStream opened;

      private InputStream open() throws IOException {
        if (opened == null) {
          opened = new GZIPInputStream(compressed);
        }
        return opened;
      }

      @Override
      public int read() throws IOException {
        return open().read();
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        return open().read(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        compressed.close();
      }
    };
  }
}
