SELECT es.epoch()
