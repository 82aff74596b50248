/** The one class that is used of a package without types; its own package has them. */
declare module 'ml-regression' {
  import type MultivariateLinearRegression from 'ml-regression-multivariate-linear'
  const regressions: { MultivariateLinearRegression: typeof MultivariateLinearRegression }
  export default regressions
}
