package proto

// ViewScene is what the view shows.
type ViewScene string

const (
	SceneNetwork ViewScene = "network" // all of the network
	SceneBlock   ViewScene = "block"   // one block, large
	ScenePhoto   ViewScene = "photo"   // the photo, with the overlay
	SceneFilters ViewScene = "filters" // the stem's filters

	// The Skip lab's: they show several networks.
	SceneSignal    ViewScene = "signal"    // the sizes of activations and gradients over depth
	SceneHeat      ViewScene = "heat"      // one of the two by layer and training step
	SceneLandscape ViewScene = "landscape" // the loss round the trained weights
	ScenePaths     ViewScene = "paths"     // the gradient by path length
)

// ViewScenes lists all scenes.
var ViewScenes = []ViewScene{
	SceneNetwork, SceneBlock, ScenePhoto, SceneFilters, SceneSignal, SceneHeat, SceneLandscape, ScenePaths,
}

// ViewColormap is the name of a colour map.
type ViewColormap string

const (
	ColormapViridis   ViewColormap = "viridis"
	ColormapMagma     ViewColormap = "magma"
	ColormapDiverging ViewColormap = "diverging" // centred at zero; always used for values of both signs
)

// ViewColormaps lists all colour maps.
var ViewColormaps = []ViewColormap{ColormapViridis, ColormapMagma, ColormapDiverging}

// ViewOrder is a ViewSort by name.
type ViewOrder string

const (
	OrderEnergy ViewOrder = "energy"
	OrderClass  ViewOrder = "class"
)

// ViewOrders lists all orders, each at the index of its ViewSort.
var ViewOrders = []ViewOrder{OrderEnergy, OrderClass}

// Ablation is the part that is removed from a block.
type Ablation string

const (
	AblateResidual Ablation = "residual" // F(x): y = ReLU(x)
	AblateShortcut Ablation = "shortcut" // x: y = ReLU(F(x))
)

// Ablations lists all ablations.
var Ablations = []Ablation{AblateResidual, AblateShortcut}

// ViewState is what the view shows. The page owns it and sends all of it whenever it changes. The view ignores what it
// cannot show, such as a block that the trace does not have, or the knowledge of another number of blocks.
type ViewState struct {
	Scene         ViewScene           `json:"scene"`
	Block         int                 `json:"block"`   // the selected block; -1: none
	Channel       int                 `json:"channel"` // selected in that block, shown over the photo; -1: none
	Tensor        ViewTensor          `json:"tensor"`  // the tensor of that channel
	Order         ViewOrder           `json:"order"`   // of the channels
	Class         int                 `json:"class"`   // for the order by class
	Map           ViewColormap        `json:"map"`
	Opacity       float64             `json:"opacity"` // of the map over the photo, 0 … 1
	Play          float64             `json:"play"`    // the animation's position, 0 … 1; -1: no animation
	Ablate        map[string]Ablation `json:"ablate"`  // by the block's index
	Live          bool                `json:"live"`    // pictures follow each other: a camera's
	Dark          bool                `json:"dark"`
	ReducedMotion bool                `json:"reducedMotion"`
	Join          string              `json:"join"`         // how x and F are joined, as in Info; "" is "add"
	Linear        bool                `json:"linear"`       // no activation follows
	Nonlinearity  string              `json:"nonlinearity"` // the activation, as in Info; "" is "relu"
	Knowledge     []float64           `json:"knowledge"`    // of each block: how often a linear probe is right, 0 … 1
	Lab           *ViewLabState       `json:"lab"`          // of the Skip lab's scenes; nil in Look inside
	Language      string              `json:"language"`     // of the numbers
	Words         map[string]string   `json:"words"`        // the page's texts whose keys begin with "view."
}

// ViewTensor is a Tensor by name.
type ViewTensor string

// ViewTensors lists all tensors, each at the index of its Tensor.
var ViewTensors = []ViewTensor{"x", "f", "sum", "y"}

// ViewEventKind is what the user did.
type ViewEventKind string

const (
	EventHover ViewEventKind = "hover" // the pointer or an arrow key moved to another part
	EventClick ViewEventKind = "click" // a click, a tap or Enter
	EventBack  ViewEventKind = "back"  // Escape
)

// ViewEventKinds lists all kinds of events.
var ViewEventKinds = []ViewEventKind{EventHover, EventClick, EventBack}

// ViewPart is what is under the pointer. The comments list the fields of ViewEvent that are set.
type ViewPart string

const (
	PartNone     ViewPart = ""
	PartPhoto    ViewPart = "photo"
	PartStem     ViewPart = "stem"
	PartFilter   ViewPart = "filter"   // channel: the stem's
	PartBlock    ViewPart = "block"    // block
	PartResidual ViewPart = "residual" // block: its F
	PartShortcut ViewPart = "shortcut" // block: its shortcut
	PartFeatures ViewPart = "features" // channel: the feature
	PartClass    ViewPart = "class"    // channel: the class's index
	PartChannel  ViewPart = "channel"  // block, tensor, channel, and the map's y, x and value

	// The Skip lab's. All set network and value.
	PartLayer   ViewPart = "layer"   // layer, quantity
	PartCell    ViewPart = "cell"    // layer, quantity, step
	PartSurface ViewPart = "surface" // y, x: the point of the grid; the value is the loss
	PartPath    ViewPart = "path"    // length; the value is the gradient that a path of it carries
)

// ViewParts lists all parts.
var ViewParts = []ViewPart{
	PartNone, PartPhoto, PartStem, PartFilter, PartBlock, PartResidual, PartShortcut, PartFeatures, PartClass,
	PartChannel, PartLayer, PartCell, PartSurface, PartPath,
}

// ViewEvent reports to the page what the user does in the view. Numbers that a part does not have are -1.
type ViewEvent struct {
	Kind    ViewEventKind `json:"kind"`
	Part    ViewPart      `json:"part"`
	Block   int           `json:"block"`
	Channel int           `json:"channel"`
	Tensor  ViewTensor    `json:"tensor"`
	Y       int           `json:"y"` // row, and X the column, of the map or of the network's picture
	X       int           `json:"x"`
	Known   bool          `json:"known"` // whether Value is set
	Value   float64       `json:"value"`

	Network  int          `json:"network"`
	Layer    int          `json:"layer"`
	Step     int          `json:"step"`
	Length   int          `json:"length"` // of a path, in residual branches
	Quantity ViewQuantity `json:"quantity"`
}

// ViewTypes has a value of each type that is sent as JSON between the page and the view.
var ViewTypes = []any{ViewLabState{}, ViewState{}, ViewEvent{}}
