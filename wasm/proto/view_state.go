package proto

// ViewScene is what the view shows.
type ViewScene string

const (
	SceneNetwork ViewScene = "network" // all of the network
	SceneBlock   ViewScene = "block"   // one block, large
	ScenePhoto   ViewScene = "photo"   // the photo, with the overlay
	SceneFilters ViewScene = "filters" // the stem's filters
)

// ViewScenes are all scenes.
var ViewScenes = []ViewScene{SceneNetwork, SceneBlock, ScenePhoto, SceneFilters}

// ViewColormap is a colormap by its name.
type ViewColormap string

const (
	ColormapViridis   ViewColormap = "viridis"
	ColormapMagma     ViewColormap = "magma"
	ColormapDiverging ViewColormap = "diverging" // about zero; always used for values of both signs
)

// ViewColormaps are all colour maps.
var ViewColormaps = []ViewColormap{ColormapViridis, ColormapMagma, ColormapDiverging}

// ViewOrder is a ViewSort as the page names it.
type ViewOrder string

const (
	OrderEnergy ViewOrder = "energy"
	OrderClass  ViewOrder = "class"
)

// ViewOrders are all orders, at the place of their ViewSort.
var ViewOrders = []ViewOrder{OrderEnergy, OrderClass}

// Ablation is what is taken out of a block.
type Ablation string

const (
	AblateResidual Ablation = "residual" // F(x): y = ReLU(x)
	AblateShortcut Ablation = "shortcut" // x: y = ReLU(F(x))
)

// Ablations are all ablations.
var Ablations = []Ablation{AblateResidual, AblateShortcut}

// ViewState is what the page wants to see. The page owns it and sends it whole, whenever it changes; what the view
// cannot show, such as a block that the trace has not, it leaves out.
type ViewState struct {
	Scene         ViewScene           `json:"scene"`
	Block         int                 `json:"block"`   // the selected block; -1: none
	Channel       int                 `json:"channel"` // selected of that block and shown over the photo; -1: none
	Tensor        ViewTensor          `json:"tensor"`  // the tensor of that channel
	Order         ViewOrder           `json:"order"`   // of the channels
	Class         int                 `json:"class"`   // for the order by class
	Map           ViewColormap        `json:"map"`
	Opacity       float64             `json:"opacity"` // of the map over the photo, 0 … 1
	Play          float64             `json:"play"`    // how far the animated photo has come, 0 … 1; -1: no animation
	Ablate        map[string]Ablation `json:"ablate"`  // by the block's index
	Dark          bool                `json:"dark"`
	ReducedMotion bool                `json:"reducedMotion"`
	Join          string              `json:"join"`     // how x and F are combined, as in Info; "" is "add"
	Linear        bool                `json:"linear"`   // no ReLU follows
	Language      string              `json:"language"` // of the numbers
	Words         map[string]string   `json:"words"`    // the page's texts whose keys begin with "view."
}

// ViewTensor is a Tensor as the page names it.
type ViewTensor string

// ViewTensors are all tensors, at the place of their Tensor.
var ViewTensors = []ViewTensor{"x", "f", "sum", "y"}

// ViewEventKind is what a person did.
type ViewEventKind string

const (
	EventHover ViewEventKind = "hover" // the pointer, or an arrow key, came to another place
	EventClick ViewEventKind = "click" // a click, a tap or Enter
	EventBack  ViewEventKind = "back"  // Escape
)

// ViewEventKinds are all kinds of events.
var ViewEventKinds = []ViewEventKind{EventHover, EventClick, EventBack}

// ViewPart is what lies under the pointer.
type ViewPart string

const (
	PartNone     ViewPart = ""
	PartPhoto    ViewPart = "photo"
	PartStem     ViewPart = "stem"
	PartFilter   ViewPart = "filter"   // channel: of the stem
	PartBlock    ViewPart = "block"    // block
	PartResidual ViewPart = "residual" // block: its F
	PartShortcut ViewPart = "shortcut" // block: its shortcut
	PartFeatures ViewPart = "features" // channel: the feature
	PartClass    ViewPart = "class"    // channel: the class's index
	PartChannel  ViewPart = "channel"  // block, tensor, channel, and of the map y, x and the value
)

// ViewParts are all parts.
var ViewParts = []ViewPart{
	PartNone, PartPhoto, PartStem, PartFilter, PartBlock, PartResidual, PartShortcut, PartFeatures, PartClass,
	PartChannel,
}

// ViewEvent tells the page what a person does in the view. Numbers that a part does not have are -1.
type ViewEvent struct {
	Kind    ViewEventKind `json:"kind"`
	Part    ViewPart      `json:"part"`
	Block   int           `json:"block"`
	Channel int           `json:"channel"`
	Tensor  ViewTensor    `json:"tensor"`
	Y       int           `json:"y"` // row and column of the map, or of the photo as the network gets it
	X       int           `json:"x"`
	Known   bool          `json:"known"` // whether there is a value
	Value   float64       `json:"value"`
}

// ViewTypes are a value of each type that crosses as JSON between the page and the view.
var ViewTypes = []any{ViewState{}, ViewEvent{}}
