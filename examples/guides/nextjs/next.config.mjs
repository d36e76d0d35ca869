/** Code that is not minified, with source maps: so a finding names the variable and the file that were written. */
export default { experimental: { serverMinification: false, serverSourceMaps: true } };
