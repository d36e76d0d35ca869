export default {
  eslint: { ignoreDuringBuilds: true },
  // The next start begins with an empty cache.
  experimental: { isrFlushToDisk: false },
};
