package kernel

const (
	// weightBlock bounds the weights of a unit of Conv, in bytes: they stay in the second-level cache while the unit's rows pass.
	weightBlock = 128 << 10
	// fewUnits is how many units a job of Conv should have at least, so that threads finish together.
	fewUnits = 16
)

// convUnits cuts a product of tiles × panels into units, given the bytes of a panel.
func convUnits(tiles, panels, panelBytes, batches int) (unitTiles, unitPanels int) {
	unitPanels = min(panels, max(1, weightBlock/panelBytes))
	for ceil(panels, unitPanels)*batches < 4 && unitPanels > 4 && tiles < 64 {
		unitPanels = ceil(unitPanels, 2)
	}
	unitTiles = tiles
	if n := ceil(panels, unitPanels) * batches; n < fewUnits {
		unitTiles = max(min(4, tiles), ceil(tiles, ceil(fewUnits, n)))
	}
	return unitTiles, unitPanels
}
