/**
 * The software bill of materials, in CycloneDX. npm writes one of everything that is installed; what is not distributed is left out here,
 * because `npm sbom --omit=dev` also leaves out packages that a development tool needs as well, such as `pg`.
 */
import { readProductionPackages } from './production-packages.ts'

interface BillOfMaterials {
  components: Array<{ 'bom-ref': string }>
  dependencies: Array<{ ref: string; dependsOn: string[] }>
  metadata: { component: { 'bom-ref': string; name: string } }
}

/**
 * @param complete what `npm sbom` has printed
 * @param folder the project
 */
export function keepProductionPackages(complete: string, folder: string): string {
  const bill = JSON.parse(complete) as BillOfMaterials
  const { component } = bill.metadata
  const kept = new Set([component['bom-ref'], ...readProductionPackages(folder).map(({ name, version }) => `${name}@${version}`)])
  const dependencies = bill.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }))
  // npm takes the name from the folder.
  const metadata = { ...bill.metadata, component: { ...component, name: 'handoff' } }
  return JSON.stringify(
    { ...bill, metadata, components: bill.components.filter((each) => kept.has(each['bom-ref'])), dependencies },
    null,
    2,
  )
}
