/** The Kubernetes manifests in ops/: they fit the published schemas, and the service that they start. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1'
import { PodDisruptionBudget, type IPodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Secret, Service, type IConfigMap, type ISecret, type IService } from 'kubernetes-models/v1'
import t from 'tap'
import { parse } from 'yaml'
import { projectFolder } from '../../bench/harness/start-command.ts'
import { readEnvironment } from '../../src/environment.ts'
import { settings } from '../../src/environment/settings.ts'
import { build } from '../support/build.ts'
import { testSettings } from '../support/settings.ts'
import { findUnreadFields } from './manifest-fields.ts'

const folder = join(projectFolder, 'ops/kubernetes')
const read = (file: string): unknown => parse(readFileSync(join(folder, file), 'utf8'))
const deployment = read('deployment.yaml') as IDeployment
const service = read('service.yaml') as IService
const budget = read('pod-disruption-budget.yaml') as IPodDisruptionBudget
const configMap = read('config-map.yaml') as IConfigMap
const secret = read('secret.example.yaml') as ISecret
const pod = deployment.spec?.template.spec
const container = pod?.containers[0]
const packageJson = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string }
const dockerfile = readFileSync(join(projectFolder, 'Dockerfile'), 'utf8')

/** Validates an object by the schema of its kind, as it is: the constructors would copy it. @throws an error that names the field */
const validators: Record<string, (object: unknown) => void> = Object.fromEntries(
  [Deployment, PodDisruptionBudget, Service, ConfigMap, Secret].map((model) => [
    model.kind,
    (object: unknown) => (model.prototype as { validate(): void }).validate.call(object as never),
  ]),
)
const validate = (kind: string, object: unknown): void => validators[kind]?.(object)

t.test('given each manifest, then it fits its published schema, and has no field that the schema does not know', async (t) => {
  const files = readdirSync(folder).filter((file) => file !== 'kustomization.yaml')
  t.equal(files.length, 5)
  for (const file of files) {
    const manifest = read(file) as Record<string, unknown> & { apiVersion: string; kind: string }
    t.ok(manifest.kind in validators, file)
    t.strictSame(
      findUnreadFields(manifest, (watched) => validate(manifest.kind, watched)),
      [],
      file,
    )
  }
  const misspelled = { ...(read('service.yaml') as Record<string, unknown>), spec: { selectors: {}, ports: [{ port: 80 }] } }
  t.strictSame(
    findUnreadFields(misspelled, (watched) => validate('Service', watched)),
    ['/spec/selectors'],
    'a typing error is found',
  )
  t.throws(() => validate('Service', { ...misspelled, spec: { ports: [{ port: 'http' }] } }), /port/, 'a wrong type is found')
})

t.test('given the kustomization, then it has every manifest but the secret', async (t) => {
  t.strictSame(
    (read('kustomization.yaml') as { resources: string[] }).resources,
    readdirSync(folder)
      .filter((file) => file !== 'kustomization.yaml' && file !== 'secret.example.yaml')
      .toSorted(),
  )
})

t.test('given the deployment, when its probes ask the service, then the routes exist, and the port is that of the image', async (t) => {
  const { app } = await build(t, testSettings('http://127.0.0.1:9'))
  await app.ready()
  const probes = [container?.startupProbe, container?.livenessProbe, container?.readinessProbe]
  t.strictSame(
    probes.map((probe) => probe?.httpGet?.path),
    ['/health', '/health', '/ready'],
  )
  for (const probe of probes) {
    t.ok(app.hasRoute({ method: 'GET', url: String(probe?.httpGet?.path) }))
    t.equal(probe?.httpGet?.port, container?.ports?.[0]?.name)
  }
  const { annotations = {} } = deployment.spec?.template.metadata ?? {}
  t.ok(app.hasRoute({ method: 'GET', url: String(annotations['prometheus.io/path']) }))
  const port = Number(/^ENV .*\bPORT=(\d+)/m.exec(dockerfile)?.[1])
  t.strictSame([container?.ports?.[0]?.containerPort, Number(annotations['prometheus.io/port'])], [port, port])
  t.equal(service.spec?.ports?.[0]?.targetPort, container?.ports?.[0]?.name)
  t.equal(container?.image, `handoff:${packageJson.version}`)
})

t.test('given the objects, then they find each other by name and label', async (t) => {
  const labels = deployment.spec?.template.metadata?.labels
  t.ok(labels)
  for (const selector of [
    deployment.spec?.selector.matchLabels,
    service.spec?.selector,
    budget.spec?.selector?.matchLabels,
    pod?.topologySpreadConstraints?.[0]?.labelSelector?.matchLabels,
  ])
    t.strictSame(selector, labels)
  t.strictSame(
    container?.envFrom?.map(({ configMapRef, secretRef }) => configMapRef?.name ?? secretRef?.name),
    [configMap.metadata?.name, secret.metadata?.name],
  )
  t.ok(Number(deployment.spec?.replicas) > Number(budget.spec?.minAvailable), 'a machine can be drained')
})

t.test('given the settings of the manifests, then the service starts with them once the secrets are filled in', async (t) => {
  const { data = {} } = configMap
  const { stringData = {} } = secret
  const isSecret = (name: string) => 'isSecret' in settings[name as keyof typeof settings]
  for (const name of [...Object.keys(data), ...Object.keys(stringData)]) t.ok(name in settings, name)
  t.strictSame(Object.keys(data).filter(isSecret), [], 'no secret is in the ConfigMap')
  const imageSettings = { HOST: '0.0.0.0', PORT: '3000' }
  t.throws(() => readEnvironment({ ...imageSettings, ...data, ...stringData }), 'the example itself is refused')
  const { GENESYS_GATEWAY_URL: _, ...values } = testSettings('http://127.0.0.1:9')
  const filledIn = Object.fromEntries(Object.keys(stringData).map((name) => [name, values[name as keyof typeof values]]))
  t.match(readEnvironment({ ...imageSettings, ...data, ...filledIn }, { needsApiKey: true }), {
    GENESYS_ENV: 'mypurecloud.com',
    SHUTDOWN_DELAY_MS: 5_000,
  })
})

t.test('given the deployment, then a stop, an update and a container are as the guide says', async (t) => {
  const { SHUTDOWN_DELAY_MS } = configMap.data ?? {}
  t.ok(Number(pod?.terminationGracePeriodSeconds) * 1_000 >= Number(SHUTDOWN_DELAY_MS) + 10_000, 'a stop is not cut short')
  t.match(deployment.spec?.strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })
  t.match(pod, { automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } })
  t.match(container?.securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
  t.match(container?.resources, { requests: { cpu: String, memory: String }, limits: { memory: String } })
  const { periodSeconds = 0, failureThreshold = 0 } = container?.startupProbe ?? {}
  t.ok(periodSeconds * failureThreshold >= 120, 'a start may wait for a migration and then migrate')
})
