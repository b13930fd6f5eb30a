/** Types of the single modules of the Prometheus client. Its main module also loads what this service does not use, such as its push gateway. */
declare module '@prometheus-io/client/lib/counter.js' {
  import { Counter } from '@prometheus-io/client'
  export default Counter
}
declare module '@prometheus-io/client/lib/gauge.js' {
  import { Gauge } from '@prometheus-io/client'
  export default Gauge
}
declare module '@prometheus-io/client/lib/histogram.js' {
  import { Histogram } from '@prometheus-io/client'
  export default Histogram
}
declare module '@prometheus-io/client/lib/registry.js' {
  import { Registry } from '@prometheus-io/client'
  export default Registry
}
declare module '@prometheus-io/client/lib/defaultMetrics.js' {
  import { collectDefaultMetrics } from '@prometheus-io/client'
  export default collectDefaultMetrics
}
