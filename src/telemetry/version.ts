/** Which version of Handoff this is: the one of package.json, which is the only place that names it. */
import manifest from '../../package.json' with { type: 'json' }

export const serviceVersion: string = manifest.version
