package npm

const MaxEntry = maxEntry

var Lock = (*Cache).lock
