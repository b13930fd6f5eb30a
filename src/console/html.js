/** Preact with htm: templates in plain JavaScript, so that there is nothing to build. */
import { h } from 'preact'
import htm from 'htm'

export const html = htm.bind(h)
