/** The least any exact coding can take, for the bench to print beside what ours takes. */

/** Bits to name `listed` cards out of `issued`: log2 of the binomial coefficient. */
export function informationBoundBits(listed: number, issued: number): number {
  return (logGamma(issued + 1) - logGamma(listed + 1) - logGamma(issued - listed + 1)) / Math.LN2;
}

/** Stirling's series; good to far below a bit from ten on, exact sums below. */
function logGamma(x: number): number {
  if (x < 10) {
    let sum = 0;
    for (let factor = 2; factor < x; factor++) sum += Math.log(factor);
    return sum;
  }
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3);
}
